"""Names: the same ones for ever, since the program is written against them."""

import unittest

import support  # noqa: F401
from awsgen import names

MEMBERS = """
    VpcId vpc_id|DBName db_name|IPv6Addresses ipv6_addresses|Ipv6CidrBlock ipv6_cidr_block|ETag etag
    KMSKeyId kms_key_id|SSESpecification sse_specification|SSEKMSKeyId sse_kms_key_id|TargetARNs target_arns
    MD5OfBody md5_of_body|ContentMD5 content_md5|ChecksumCRC32C checksum_crc32c|S3Key s3_key|AZs azs
    VCpuCount vcpu_count|DefaultVCpus default_vcpus|MemoryMiB memory_mib|DeleteTags delete_tags
    EnableDNSHostnames enable_dns_hostnames|Ec2InstanceIds ec2_instance_ids|x-amz-id x_amz_id|200k n200_k
"""
VALUES = """
    running kRunning|pending-reboot kPendingReboot|PENDING_REBOOT kPendingReboot|t2.micro kT2Micro|OK kOk
    s3:ObjectCreated:* kS3ObjectCreated|2.0 k2_0|DynamoDB kDynamoDB|us-east-1 kUsEast1|* kEmpty
"""


def pairs(rows):
    return [entry.split() for line in rows.split("\n") for entry in line.split("|") if entry.strip()]


class NamesTest(unittest.TestCase):
    def test_members_are_split_at_words_and_acronyms_stay_whole(self):
        for name, expected in pairs(MEMBERS):
            self.assertEqual(names.snake_case(name), expected, name)

    def test_values_of_enumerations_become_constants(self):
        for value, expected in pairs(VALUES):
            self.assertEqual(names.constant(value), expected, value)

    def test_words_of_cpp_and_macros_get_an_underscore(self):
        for name in ("delete", "operator", "default", "errno", "minor"):
            self.assertEqual(names.legal(name), name + "_")
        self.assertEqual(names.legal("instance"), "instance")

    def test_who_comes_second_gets_a_number(self):
        scope = names.Scope(fold_case=True)
        self.assertEqual([scope.take(name) for name in ("Tag", "tag", "TAG")], ["Tag", "tag2", "TAG3"])
        scope = names.Scope()
        self.assertEqual([scope.take("delete_", "_") for _ in range(2)], ["delete_", "delete_2"])


if __name__ == "__main__":
    unittest.main()
