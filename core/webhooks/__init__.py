"""Webhooks: other systems are told of events by HTTP, signed, in order per subject. 网络钩子。"""
