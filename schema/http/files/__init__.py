"""Files over HTTP: uploading them, and fetching them by a link. 文件上传与下载。"""
