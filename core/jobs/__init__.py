"""What is due later: timers and the sweeper that carries them out. 到期任务。"""
