"""Requests to the outside: only to where an operator allows it. 对外请求。"""
