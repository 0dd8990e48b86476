// The list of commands. What is not in it does not exist: neither in help nor in completion.
#include "cli/commands/commands.h"
#include "cli/program.h"

namespace k3fleet::cli {

CommandTable all_commands() {
    return {
        context_use(),
        context_list(),
        context_show(),
        doctor(),
        plan(),
        init(),
        status(),
        uninit(),
        schema(),
        export_cloudformation(),
        cluster_create(),
        cluster_list(),
        cluster_status(),
        apply(),
        cluster_delete(),
        cluster_kubeconfig(),
        cluster_tunnel(),
        node_list(),
        node_user_data(),
        node_shell(),
        kubectl(),
        resources_list(),
        backtest_command(),
        autoscale_run(),
        autoscale_status(),
        autoscale_pause(),
        autoscale_resume(),
        autoscale_decide(),
        autoscale_explain(),
        log(),
        replay(),
        rehearse_command(),
        sim_start(),
        sim_fault(),
        sim_wait(),
        aws_call(),
        aws_operations(),
        completion(),
        version(),
    };
}

}  // namespace k3fleet::cli
