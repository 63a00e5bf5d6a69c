#include "sim/network/message_info.h"

#include <doctest/doctest.h>

#include "sim/wire/kafka/00_produce.h"
#include "sim/wire/kafka/01_fetch.h"
#include "sim/wire/kafka/03_metadata.h"
#include "sim/wire/kafka/52_vote.h"

using namespace brokerlab;

TEST_CASE("A produce request tells its first topic, partition and how many records it brings") {
  kafka::ProduceRequest request;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "orders";
  auto& partition = topic.partition_data.emplace_back();
  partition.index = 2;
  std::vector<uint8_t> batch(70, 0);
  batch[11] = 70 - 12;  // length
  batch[60] = 3;        // record count
  partition.records = Slices{Bytes::adopt(batch)};
  topic.partition_data.emplace_back().index = 5;

  const MessageInfo info = message_info(request, 9, 17);
  CHECK(info.kind == MessageKind::produce);
  CHECK_FALSE(info.is_response);
  CHECK(info.correlation_id == 17);
  CHECK(info.topic == "orders");
  CHECK(info.partition == 2);
  CHECK(info.partitions == 2);
  CHECK(info.records == 3);
}

TEST_CASE("The fetches of a consumer, a follower and a voter are three kinds") {
  kafka::FetchRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic = "orders";
  topic.partitions.emplace_back().fetch_offset = 7;
  CHECK(message_info(request, 12, 0).kind == MessageKind::fetch);
  CHECK(message_info(request, 12, 0).offset == 7);
  request.replica_state.replica_id = 2;
  CHECK(message_info(request, 17, 0).kind == MessageKind::replicate);
  topic.topic_id = metadata_topic_id;
  CHECK(message_info(request, 17, 0).kind == MessageKind::quorum);
}

TEST_CASE("An error of any partition is the message's, and a whole-cluster metadata request names no topic") {
  kafka::ProduceResponse response;
  auto& topic = response.responses.emplace_back();
  topic.name = "orders";
  topic.partition_responses.emplace_back();
  topic.partition_responses.emplace_back().error_code = 6;
  CHECK(message_info(response, 9, 0).error_code == 6);
  CHECK(message_info(response, 9, 0).is_response);

  kafka::MetadataRequest all;
  all.topics.reset();
  CHECK(message_info(all, 12, 0).topic.empty());
  kafka::VoteRequest vote;
  vote.topics.emplace_back().partitions.emplace_back().replica_epoch = 4;
  CHECK(message_info(vote, 2, 0).epoch == 4);
}
