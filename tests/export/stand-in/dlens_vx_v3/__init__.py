from stack import hal, halco
