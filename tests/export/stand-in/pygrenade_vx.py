from stack import grenade as _g

common, execution, network, signal_flow = _g.common, _g.execution, _g.network, _g.signal_flow
