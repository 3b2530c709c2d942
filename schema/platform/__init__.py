"""GraphQL over all districts of a server, for services that hold its token. 平台接口。"""
