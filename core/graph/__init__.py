"""The organisation graph: administrative tree, party organisations, units, and the relations across. 组织图谱。"""
