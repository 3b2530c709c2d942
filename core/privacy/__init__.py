"""What people may ask about their data: consents, what is kept of them, correction, erasure. 个人信息权利。"""
