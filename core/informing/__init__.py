"""Core's own handlers of events: telling people of what concerns them, and sending it by channels. 通知处理器。"""
