import stack
from stack import run


def extract_spikes(outputs, graph):
    return stack.handles(outputs.spikes)


def extract_cadc(outputs, graph):
    return stack.handles(outputs.cadc)
