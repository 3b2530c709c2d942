"""What a server tells of itself: metrics, the log of slow operations, spans. 可观测性。"""
