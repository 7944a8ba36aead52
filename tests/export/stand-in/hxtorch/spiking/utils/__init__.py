from types import SimpleNamespace

import stack

calib_helper = SimpleNamespace(
    nightly_calix_native_path=lambda name: __file__,
    calib_from_calix_native=lambda path: stack.Calibration(),
)
