#include "sim/brokers/fetch_session_handler.h"

#include "sim/brokers/fetch_session.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab {

void FetchSessionHandler::begin(kafka::FetchRequest& request) {
  ++round_;
  if (epoch_ == 0) partitions_.clear();
  request.session_id = session_id_;
  request.session_epoch = epoch_;
}

bool FetchSessionHandler::asks(const PartitionKey& key, const Asked& wanted) {
  const auto [it, is_new] = partitions_.try_emplace(key, Entry{wanted, round_});
  it->second.round = round_;
  if (!is_new && it->second.asked == wanted) return false;
  it->second.asked = wanted;
  return true;
}

void FetchSessionHandler::end(kafka::FetchRequest& request) {
  for (auto it = partitions_.begin(); it != partitions_.end();) {
    if (it->second.round == round_) {
      ++it;
      continue;
    }
    auto& topics = request.forgotten_topics_data;
    if (topics.empty() || topics.back().topic_id != it->first.topic_id)
      topics.emplace_back().topic_id = it->first.topic_id;
    topics.back().partitions.push_back(it->first.partition);
    it = partitions_.erase(it);
  }
}

const FetchSessionHandler::Asked* FetchSessionHandler::asked(const PartitionKey& key) const {
  const auto it = partitions_.find(key);
  return it == partitions_.end() ? nullptr : &it->second.asked;
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
