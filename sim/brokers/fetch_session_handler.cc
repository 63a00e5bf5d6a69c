#include "sim/brokers/fetch_session_handler.h"

#include "sim/brokers/fetch_session.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

bool FetchSessionHandler::begin(kafka::FetchRequest& request) {
  if (epoch_ == 0) partitions_.clear();
  request.session_id = session_id_;
  request.session_epoch = epoch_;
  return epoch_ == 0;
}

bool FetchSessionHandler::asks(const PartitionKey& key, const Asked& wanted) {
  const auto [it, is_new] = partitions_.try_emplace(key, wanted);
  if (!is_new && it->second == wanted) return false;
  it->second = wanted;
  return true;
}

void FetchSessionHandler::forget(const PartitionKey& key, kafka::FetchRequest& request) {
  if (partitions_.erase(key) == 0) return;
  auto& topics = request.forgotten_topics_data;
  if (topics.empty() || topics.back().topic_id != key.topic_id) topics.emplace_back().topic_id = key.topic_id;
  topics.back().partitions.push_back(key.partition);
}

const FetchSessionHandler::Asked* FetchSessionHandler::asked(const PartitionKey& key) const {
  const auto it = partitions_.find(key);
  return it == partitions_.end() ? nullptr : &it->second;
}

bool FetchSessionHandler::handle(const kafka::FetchResponse& response) {
  if (response.error_code != 0) {
    if (kafka::error_from(response.error_code) == kafka::ErrorCode::fetch_session_id_not_found)
      session_id_ = 0;
    epoch_ = 0;
    return false;
  }
  session_id_ = response.session_id;
  epoch_ = session_id_ == 0 ? 0 : fetch_session_epoch_after(epoch_);
  return true;
}

}  // namespace brokerlab
