"""The inbox: what a person is told, read and acknowledged, and where else it is sent. 消息收件箱。"""
