// Ctrl-C, for front ends: asks what waits to stop, so that a command can say what it left behind.
#pragma once

namespace k3fleet::app {

// From now on SIGINT and SIGTERM end waiting with Cancelled; a second one ends the program at once.
void stop_on_signals();
bool stop_requested();

}  // namespace k3fleet::app
