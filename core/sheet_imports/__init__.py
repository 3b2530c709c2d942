"""Bringing in spreadsheets: looked at first, applied in short transactions, undone within a day. 表格导入。"""
