"""Homes, households and things: what a community collects once and everybody reuses. 房屋、家庭户与设施。"""
