def init_hardware():
    pass


def release_hardware():
    pass


def get_unique_identifier():
    return ["hxcube-stand-in"]
