#include "sim/wire/kafka/coordinator_records.h"

#include "sim/wire/kafka/schema.h"

namespace brokerlab::kafka {

const MessageSchema& LegacyOffsetCommitKey::schema() { return schema_of<LegacyOffsetCommitKey>(); }
const MessageSchema& LegacyOffsetCommitValue::schema() { return schema_of<LegacyOffsetCommitValue>(); }
const MessageSchema& OffsetCommitKey::schema() { return schema_of<OffsetCommitKey>(); }
const MessageSchema& OffsetCommitValue::schema() { return schema_of<OffsetCommitValue>(); }
const MessageSchema& GroupMetadataKey::schema() { return schema_of<GroupMetadataKey>(); }
const MessageSchema& GroupMetadataValue::schema() { return schema_of<GroupMetadataValue>(); }
const MessageSchema& ConsumerGroupMetadataKey::schema() { return schema_of<ConsumerGroupMetadataKey>(); }
const MessageSchema& ConsumerGroupMetadataValue::schema() { return schema_of<ConsumerGroupMetadataValue>(); }
const MessageSchema& ConsumerGroupPartitionMetadataKey::schema() {
  return schema_of<ConsumerGroupPartitionMetadataKey>();
}
const MessageSchema& ConsumerGroupPartitionMetadataValue::schema() {
  return schema_of<ConsumerGroupPartitionMetadataValue>();
}
const MessageSchema& ConsumerGroupMemberMetadataKey::schema() {
  return schema_of<ConsumerGroupMemberMetadataKey>();
}
const MessageSchema& ConsumerGroupMemberMetadataValue::schema() {
  return schema_of<ConsumerGroupMemberMetadataValue>();
}
const MessageSchema& ConsumerGroupTargetAssignmentMetadataKey::schema() {
  return schema_of<ConsumerGroupTargetAssignmentMetadataKey>();
}
const MessageSchema& ConsumerGroupTargetAssignmentMetadataValue::schema() {
  return schema_of<ConsumerGroupTargetAssignmentMetadataValue>();
}
const MessageSchema& ConsumerGroupTargetAssignmentMemberKey::schema() {
  return schema_of<ConsumerGroupTargetAssignmentMemberKey>();
}
const MessageSchema& ConsumerGroupTargetAssignmentMemberValue::schema() {
  return schema_of<ConsumerGroupTargetAssignmentMemberValue>();
}
const MessageSchema& ConsumerGroupCurrentMemberAssignmentKey::schema() {
  return schema_of<ConsumerGroupCurrentMemberAssignmentKey>();
}
const MessageSchema& ConsumerGroupCurrentMemberAssignmentValue::schema() {
  return schema_of<ConsumerGroupCurrentMemberAssignmentValue>();
}
const MessageSchema& ConsumerGroupRegularExpressionKey::schema() {
  return schema_of<ConsumerGroupRegularExpressionKey>();
}
const MessageSchema& ConsumerGroupRegularExpressionValue::schema() {
  return schema_of<ConsumerGroupRegularExpressionValue>();
}

}  // namespace brokerlab::kafka
