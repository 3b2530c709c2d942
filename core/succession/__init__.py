"""What becomes of records when organisations are merged or split. 撤并与拆分中的业务数据。"""
