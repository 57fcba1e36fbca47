from .model import build_model as build_model
from .model import compile_model as compile_model
from .run import train as train
