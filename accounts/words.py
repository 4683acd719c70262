"""What the API and the pages say alike."""

REGISTERED = "We have sent a mail to this address. Open the link in it to go on."
SENT = "If this address has an account that waits for it, we have sent a mail there."
RESET = "If this address has an account, we have sent a mail there. The link in it is good for an hour."
CHANGE = "We have sent a mail to the new address. It is yours here once you open the link in it."
OTHER_ADDRESS = "This invitation is for another address than yours. Sign in with the account it was sent to."
