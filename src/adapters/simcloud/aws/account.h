// What a simulated AWS account holds: plain data, saved with the world. Each service has a part of its own.
#pragma once

#include <string>

#include "adapters/simcloud/aws/alarms_state.h"
#include "adapters/simcloud/aws/commands_state.h"
#include "adapters/simcloud/aws/dynamodb_state.h"
#include "adapters/simcloud/aws/ec2_state.h"
#include "adapters/simcloud/aws/event_rules_state.h"
#include "adapters/simcloud/aws/functions_state.h"
#include "adapters/simcloud/aws/keys_state.h"
#include "adapters/simcloud/aws/log_groups_state.h"
#include "adapters/simcloud/aws/numbers_state.h"
#include "adapters/simcloud/aws/queues.h"
#include "adapters/simcloud/aws/roles_state.h"
#include "adapters/simcloud/aws/s3_state.h"
#include "adapters/simcloud/aws/schedules_state.h"
#include "adapters/simcloud/aws/secrets_state.h"
#include "adapters/simcloud/aws/tagged_state.h"
#include "adapters/simcloud/aws/topics_state.h"
#include "adapters/simcloud/aws/trails_state.h"

namespace k3fleet::simcloud {

struct Account {
    std::string number = "111122223333";  // The number AWS's documentation uses for examples.
    std::string region = "ap-southeast-1";
    Ec2State ec2;
    DynamoState dynamo;
    S3State s3;
    SecretsState secrets;
    QueuesState queues;
    TopicsState topics;
    CommandsState commands;
    NumbersState numbers;
    RolesState roles;  // Of the account's first region only: IAM knows none.
    KeysState keys;
    TrailsState trails;
    LogGroupsState log_groups;
    FunctionsState functions;
    EventRulesState event_rules;
    SchedulesState schedules;
    AlarmsState alarms;
    TaggedState tagged;
};

// What the services rely on, of an account that was read from bytes: they may have been made up.
bool sound(const Account& account);

template <typename Archive>
void fields(Archive& archive, Account& account) {
    archive(account.number, account.region, account.ec2, account.dynamo, account.s3, account.secrets,
            account.queues, account.topics, account.commands, account.numbers, account.roles, account.keys,
            account.trails, account.log_groups, account.functions, account.event_rules, account.schedules,
            account.alarms, account.tagged);
}

}  // namespace k3fleet::simcloud
