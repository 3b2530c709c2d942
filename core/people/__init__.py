"""People and the posts they hold. 人员与任职。"""
