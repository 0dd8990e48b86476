// Structures as XML: the answers of ec2, query and rest-xml, and the bodies of rest-xml requests.
#pragma once

#include <string>

#include "aws/wire/cursor.h"
#include "aws/wire/json_body.h"
#include "aws/wire/xml.h"
#include "base/result.h"

namespace k3fleet::wire {

// The element <name> with everything in it.
void write_xml_element(XmlWriter& out, View value, const char* name, const char* uri, const char* prefix,
                       TimestampFormat timestamps, const TokenSource& token);
// The same for a structure of which only some members are in the body.
void write_xml_structure(XmlWriter& out, View structure, const char* name, const char* uri,
                         const char* prefix, const TokenSource& token, Members members);

// Corrupt, with the path of the value, as aws/path.h says.
Status read_xml_structure(Slot structure, XmlElement element, Members members = Members::All);
Status read_xml(Slot slot, XmlElement element);

}  // namespace k3fleet::wire
