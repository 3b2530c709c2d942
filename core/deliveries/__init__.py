"""Handlers of events: told of each one after its commit, in order per subject, once in effect. 事件投递。"""
