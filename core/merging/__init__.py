"""Two rows turn out to be one person: what moves, what stands against it, and the way back. 人员合并。"""
