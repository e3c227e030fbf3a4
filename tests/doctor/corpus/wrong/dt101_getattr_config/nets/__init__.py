from .gesture import GestureNet

__all__ = ["GestureNet"]
