// Passes on to the network layer's token, which everything that waits listens to.
#include "app/interrupt.h"

#include "net/cancel.h"

namespace k3fleet::app {

void stop_on_signals() { net::cancel_on_signals(); }
bool stop_requested() { return net::CancelToken::process().cancelled(); }

}  // namespace k3fleet::app
