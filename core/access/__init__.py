"""Who may do what where: accounts, roles, grants, tokens, visibility. 账号与权限。"""
