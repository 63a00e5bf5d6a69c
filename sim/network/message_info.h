// What the journal says of a Kafka message: its kind, and the first thing it speaks of.
//
// Senders fill it from the message they encode, receivers of frames from outside from the message they
// decoded. It reads the protocol's own field names (topics, partitions, error code, offset, epoch) wherever a
// message has them, so that there is no list of messages to keep. Never the content.
//
// A Fetch from version 13 carries ids only; who knows the topic's name sets the field all the same, for the
// journal.
#pragma once

#include <cstdint>
#include <variant>

#include "sim/base/event.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab {

/// Produce, fetch, quorum (Vote, Begin- and EndQuorumEpoch ...), group, or control. A Fetch of a replica is
/// told apart by `message_info`; for its answer the caller sets the kind of the request.
MessageKind kind_of_api(int16_t api_key);

/// How many records the batches hold, by their headers; -1 when they are not in memory.
int32_t count_records(const Slices& batches);

namespace message_info_detail {

template <class Partition>
void describe_partition(const Partition& partition, MessageInfo& info) {
  if constexpr (requires { partition.partition_index; }) info.partition = partition.partition_index;
  if constexpr (requires { partition.index; }) info.partition = partition.index;
  if constexpr (requires { partition.partition; }) info.partition = partition.partition;
  if constexpr (requires { partition.fetch_offset; }) info.offset = partition.fetch_offset;
  if constexpr (requires { partition.base_offset; }) info.offset = partition.base_offset;
  if constexpr (requires { partition.last_offset; }) info.offset = partition.last_offset;
  if constexpr (requires { partition.offset; }) info.offset = partition.offset;
  if constexpr (requires {
                  partition.high_watermark;
                  partition.error_code;
                })
    info.offset = partition.high_watermark;
  if constexpr (requires { partition.replica_epoch; }) info.epoch = partition.replica_epoch;
  if constexpr (requires { partition.current_leader_epoch; }) info.epoch = partition.current_leader_epoch;
  if constexpr (requires { partition.leader_epoch; }) info.epoch = partition.leader_epoch;
  if constexpr (requires { partition.records; })
    if (partition.records) info.records = count_records(*partition.records);
}

template <class Topic>
void describe_topic(const Topic& topic, MessageInfo& info) {
  const bool is_first = info.topic.empty() && info.partitions == 0;
  if constexpr (requires { std::string_view{topic.name}; }) {
    if (is_first) info.topic = topic.name;
  } else if constexpr (requires { *topic.name; }) {
    if (is_first && topic.name) info.topic = *topic.name;
  } else if constexpr (requires { topic.topic_name; }) {
    if (is_first) info.topic = topic.topic_name;
  } else if constexpr (requires { std::string_view{topic.topic}; }) {
    if (is_first) info.topic = topic.topic;
  }
  if constexpr (requires { topic.error_code; })
    if (info.error_code == 0) info.error_code = topic.error_code;
  const auto describe_all = [&](const auto& partitions) {
    for (const auto& partition : partitions) {
      if constexpr (requires { partition.error_code; })
        if (info.error_code == 0) info.error_code = partition.error_code;
      if constexpr (requires { MessageInfo{}.partition = partition; }) {
        if (info.partition == -1) info.partition = partition;
      } else {
        if (info.partitions == 0) describe_partition(partition, info);
      }
      ++info.partitions;
    }
  };
  if constexpr (requires { topic.partitions.begin(); }) describe_all(topic.partitions);
  if constexpr (requires { topic.partition_data.begin(); }) describe_all(topic.partition_data);
  if constexpr (requires { topic.partition_responses.begin(); }) describe_all(topic.partition_responses);
}

template <class Topics>
void describe_topics(const Topics& topics, MessageInfo& info) {
  for (const auto& topic : topics) describe_topic(topic, info);
}

}  // namespace message_info_detail

/// `M` is any request or response of sim/wire/kafka.
template <class M>
MessageInfo message_info(const M& message, int16_t version, int32_t correlation_id) {
  namespace detail = message_info_detail;
  MessageInfo info;
  info.api_key = M::api_key;
  info.api_version = version;
  info.correlation_id = correlation_id;
  info.kind = kind_of_api(M::api_key);
  info.is_response = !requires { typename M::Response; };
  if constexpr (requires { message.error_code; }) info.error_code = message.error_code;
  if constexpr (requires { message.topics.begin(); }) detail::describe_topics(message.topics, info);
  if constexpr (requires { message.topics->begin(); })
    if (message.topics) detail::describe_topics(*message.topics, info);
  if constexpr (requires { message.topic_data.begin(); }) detail::describe_topics(message.topic_data, info);
  if constexpr (requires { message.responses.begin(); }) detail::describe_topics(message.responses, info);
  if constexpr (requires { message.replica_state; }) {
    const bool is_replica = message.replica_id >= 0 || message.replica_state.replica_id >= 0;
    const bool is_quorum = !message.topics.empty() && message.topics.front().topic_id == metadata_topic_id;
    if (is_quorum) info.kind = MessageKind::quorum;
    if (is_replica && !is_quorum) info.kind = MessageKind::replicate;
  }
  return info;
}

}  // namespace brokerlab
