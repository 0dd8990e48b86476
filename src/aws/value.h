// Requests and answers as documents: `k3fleet aws call --json`, tests, and comparing with other clients.
//
// Members are named as AWS's model names them, as the AWS CLI and boto3 do. Timestamps are ISO 8601, blobs
// base64, documents themselves; a member that holds JSON text may also be given as a document.
#pragma once

#include <string_view>

#include "aws/schema.h"
#include "base/result.h"
#include "base/value.h"

namespace k3fleet::aws {

struct ValueOptions {
    enum class Secrets { Hidden, Shown };  // Hidden ones are "(hidden)".
    enum class Blobs { Base64, Text };     // Text: bytes as they are; what is no UTF-8 is lost in a document.
    Secrets secrets = Secrets::Hidden;
    Blobs blobs = Blobs::Base64;
};

// `structure` is of the type. Absent members are left out; the others come in the order of the model.
Value to_value(const Type& type, const void* structure, ValueOptions options = {});

// Fills `structure`, freshly made. Null counts as absent; timestamps may also be seconds since 1970.
// InvalidArgument with the place if something does not fit: "RunInstances.MinCount: a text stands here;
// expected a whole number". `name` begins the place.
Status from_value(const Type& type, const Value& value, void* structure, std::string_view name,
                  ValueOptions options = {});

// InvalidArgument, with the place, if a member that the model requires is absent.
Status check_required(const Type& type, const void* structure, std::string_view name);

}  // namespace k3fleet::aws
