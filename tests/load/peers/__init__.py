"""Linli beside the servers that people would pick instead, over the same rows of one PostgreSQL. 同类服务对比。"""
