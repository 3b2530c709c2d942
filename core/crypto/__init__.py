"""Encryption at rest: suites, master keys, and a district's ring of keys. 静态加密。"""
