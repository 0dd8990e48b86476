// Every command, one function each, in a file named after it.
#pragma once

#include "cli/command.h"

namespace k3fleet::cli {

Command context_use();
Command context_list();
Command context_show();
Command aws_call();
Command aws_operations();
Command autoscale_decide();
Command completion();
Command version();
Command apply();
Command autoscale_explain();
Command autoscale_pause();
Command autoscale_resume();
Command autoscale_run();
Command autoscale_status();
Command backtest_command();
Command cluster_create();
Command cluster_delete();
Command cluster_kubeconfig();
Command cluster_tunnel();
Command cluster_list();
Command cluster_status();
Command doctor();
Command export_cloudformation();
Command init();
Command uninit();
Command plan();
Command status();
Command kubectl();
Command log();
Command node_list();
Command node_shell();
Command node_user_data();
Command rehearse_command();
Command replay();
Command resources_list();
Command schema();
Command sim_fault();
Command sim_wait();
Command sim_start();

}  // namespace k3fleet::cli
