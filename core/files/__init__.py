"""Files: received, judged, kept encrypted, attached to the records that they belong to. 文件。"""
