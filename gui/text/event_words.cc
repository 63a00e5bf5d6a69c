#include "gui/text/event_words.h"

#include <fmt/format.h>

#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab::gui {
namespace {

constexpr int16_t produce_key = 0;
constexpr int16_t fetch_key = 1;
constexpr int16_t metadata_key = 3;
constexpr int16_t vote_key = 52;
constexpr int16_t broker_heartbeat_key = 63;

std::string api_name(int16_t key) {
  const kafka::Api* api = kafka::find_api(key);
  return api == nullptr ? "?" : std::string(api->name);
}

std::string partition_name(const MessageInfo& m) {
  if (m.topic.empty()) return {};
  return m.partition < 0 ? m.topic : m.topic + "-" + std::to_string(m.partition);
}

std::string records_words(const Phrasebook& say, int32_t records) {
  return records == 1 ? std::string(say(Phrase::one_record))
                      : say(Phrase::n_records, {{"n", std::to_string(records)}});
}

std::string response_words(const Phrasebook& say, const MessageInfo& m, const MessageInfo& request) {
  if (m.error_code != 0) {
    return std::string(kafka::error_name(static_cast<kafka::ErrorCode>(m.error_code)));
  }
  if (m.api_key == produce_key && m.offset >= 0) {
    return say(Phrase::acked_offset, {{"offset", std::to_string(m.offset)}});
  }
  if (m.api_key == fetch_key && m.records > 0) {
    return m.kind == MessageKind::quorum ? say(Phrase::n_metadata_records, {{"n", std::to_string(m.records)}})
                                         : records_words(say, m.records);
  }
  if (m.api_key == fetch_key) {
    return std::string(request.kind == MessageKind::quorum || m.kind == MessageKind::quorum
                           ? say(Phrase::nothing_newer)
                           : say(Phrase::no_records));
  }
  if (m.api_key == metadata_key && m.partitions > 0) {
    return say(Phrase::n_partitions, {{"n", std::to_string(m.partitions)}});
  }
  if (m.api_key == vote_key && m.epoch >= 0) {
    return say(Phrase::vote_answer, {{"epoch", std::to_string(m.epoch)}});
  }
  return say(Phrase::api_answer, {{"api", api_name(m.api_key)}});
}

std::string request_words(const Phrasebook& say, const MessageInfo& m, bool with_version) {
  std::string name = api_name(m.api_key);
  if (m.api_key == fetch_key && m.kind == MessageKind::quorum)
    return std::string(say(Phrase::fetch_metadata_log));
  if (with_version && m.api_version >= 0 && m.kind != MessageKind::replicate) {
    name += fmt::format(" v{}", m.api_version);
  }
  const std::string partition = partition_name(m);
  const std::string space = with_version && m.kind != MessageKind::replicate ? "  " : " ";
  if (m.api_key == fetch_key && !partition.empty() && m.offset >= 0) {
    return name + space +
           say(Phrase::partition_from, {{"partition", partition}, {"offset", std::to_string(m.offset)}});
  }
  if (m.api_key == vote_key && m.epoch >= 0) {
    return name + space + say(Phrase::epoch_n, {{"epoch", std::to_string(m.epoch)}});
  }
  if (!partition.empty()) name += space + partition;
  if (m.records > 0) {
    name += with_version ? "  " + say(Phrase::n_rec, {{"n", std::to_string(m.records)}})
                         : ", " + records_words(say, m.records);
  }
  return name;
}

/// Of equal neighbours: what they have in common.
std::string folded_words(const Phrasebook& say, const MessageInfo& m) {
  if (m.api_key == fetch_key && m.kind == MessageKind::quorum)
    return std::string(say(Phrase::fetch_metadata_log));
  return m.topic.empty() ? api_name(m.api_key) : api_name(m.api_key) + " " + m.topic;
}

std::string joined(const std::vector<int32_t>& ids) { return fmt::format("{}", fmt::join(ids, ", ")); }

std::string broker_name(const WindowModel& model, int32_t id) {
  for (const NodeModel& node : model.brokers) {
    if (node.kafka() != nullptr && node.kafka()->node_id == id) return node.name;
  }
  return std::to_string(id);
}

/// Words of the events that are no messages.
struct StateWords {
  const Phrasebook& say;
  const WindowModel& model;
  EventWords& words;

  void operator()(const event::NodeStarted&) { words.what = say(Phrase::node_started); }
  void operator()(const event::NodeStopped& e) {
    words.what = e.how == "killed" ? std::string(say(Phrase::node_killed))
                                   : say(Phrase::node_ended, {{"status", std::to_string(e.status)}});
    // A tool that is done has lost nothing.
    const bool is_tool = model.find(words.who) == nullptr;
    if (!is_tool || e.how == "killed" || e.status != 0) words.tint = Role::lost;
  }
  void operator()(const event::NodePaused&) { words.what = say(Phrase::node_frozen); }
  void operator()(const event::NodeResumed&) { words.what = say(Phrase::node_goes_on); }
  void operator()(const event::CommandGiven& e) {
    words.who.clear();
    words.what = e.text;
    words.is_command = true;
  }
  void operator()(const event::FaultSet& e) {
    words.who.clear();
    words.what = say(Phrase::fault_set, {{"fault", e.fault}});
    words.tint = Role::lost;
  }
  void operator()(const event::FaultHealed& e) {
    words.who.clear();
    words.what = say(Phrase::fault_healed, {{"fault", e.fault}});
  }
  void operator()(const event::QuorumRoleChanged& e) {
    const std::string epoch = std::to_string(e.epoch);
    if (e.role == "leader") {
      words.what = say(Phrase::leads_quorum, {{"epoch", epoch}});
    } else {
      words.what = say(Phrase::is_candidate, {{"epoch", epoch}});
      words.tint = Role::candidate;
    }
  }
  void operator()(const event::BrokerStateChanged& e) {
    words.who = broker_name(model, e.broker);
    if (e.state == "fenced") words.what = say(Phrase::broker_fenced);
    if (e.state == "unfenced") words.what = say(Phrase::broker_unfenced);
    if (e.state == "registered") words.what = say(Phrase::broker_registered);
    if (e.state == "shutting_down") words.what = say(Phrase::broker_leaving);
  }
  void operator()(const event::TopicChanged& e) {
    words.who = e.topic;
    words.what = e.change == "deleted" ? std::string(say(Phrase::topic_deleted))
                                       : say(Phrase::topic_created, {{"n", std::to_string(e.partitions)}});
  }
  void operator()(const event::PartitionChanged& e) {
    words.who = e.partition.to_string();
    words.what = e.leader < 0 ? say(Phrase::partition_leaderless, {{"isr", joined(e.isr)}})
                              : say(Phrase::partition_led, {{"leader", broker_name(model, e.leader)},
                                                            {"epoch", std::to_string(e.leader_epoch)},
                                                            {"isr", joined(e.isr)}});
  }
  void operator()(const event::LogTruncated& e) {
    words.what = say(Phrase::log_truncated,
                     {{"partition", e.partition.to_string()}, {"offset", std::to_string(e.to_offset)}});
    words.tint = Role::lost;
  }
  template <class Other>
  void operator()(const Other&) {}
};

std::string sender_names(const WindowModel& model, const EventModel& event) {
  std::string names;
  for (const NodeId id : event.senders) {
    if (!names.empty()) names += ", ";
    names += model.name_of(id);
  }
  return names;
}

}  // namespace

std::string message_words(const Phrasebook& say, const MessageInfo& m, const MessageInfo& answered) {
  return m.is_response ? response_words(say, m, answered) : request_words(say, m, true);
}

std::string message_tag_words(const Phrasebook& say, const MessageInfo& m, const MessageInfo& answered) {
  return m.is_response ? response_words(say, m, answered) : request_words(say, m, false);
}

EventWords event_words(const Phrasebook& say, const WindowModel& model, const EventModel& row,
                       bool is_narrow) {
  EventWords words;
  words.who = model.name_of(row.event.ref.node);
  if (const auto* described = std::get_if<event::MessageDescribed>(&row.event.payload)) {
    words.who = (described->client_id.empty() ? "client" : described->client_id) + " → " + words.who;
    words.what = message_words(say, described->message, {});
    return words;
  }
  if (const auto* sent = std::get_if<event::MessageSent>(&row.event.payload)) {
    words.who = row.count > 1 ? sender_names(model, row) : words.who + " → " + model.name_of(row.peer);
    words.what = row.count > 1 ? folded_words(say, sent->message)
                 : is_narrow   ? message_tag_words(say, sent->message, row.answered)
                               : message_words(say, sent->message, row.answered);
    if (row.count > 1) words.note = fmt::format("×{}", row.count);
    if (row.count == 1 && row.is_in_flight) words.note = say(Phrase::in_flight);
    if (row.count == 1 && row.is_waiting) words.note = say(Phrase::waits);
    return words;
  }
  std::visit(StateWords{say, model, words}, row.event.payload);
  if (row.count > 1) words.note = fmt::format("×{}", row.count);
  return words;
}

bool is_shown(const Event& event) {
  return std::visit(
      [](const auto& e) {
        using T = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<T, event::QuorumRoleChanged>) {
          return e.role == "leader" || e.role == "candidate" || e.role == "prospective";
        } else if constexpr (std::is_same_v<T, event::PartitionChanged>) {
          return e.decided;
        } else {
          return std::is_same_v<T, event::MessageSent> || std::is_same_v<T, event::MessageDescribed> ||
                 std::is_same_v<T, event::NodeStarted> || std::is_same_v<T, event::NodeStopped> ||
                 std::is_same_v<T, event::NodePaused> || std::is_same_v<T, event::NodeResumed> ||
                 std::is_same_v<T, event::CommandGiven> || std::is_same_v<T, event::FaultSet> ||
                 std::is_same_v<T, event::FaultHealed> || std::is_same_v<T, event::BrokerStateChanged> ||
                 std::is_same_v<T, event::TopicChanged> || std::is_same_v<T, event::LogTruncated>;
        }
      },
      event.payload);
}

std::string seconds_text(Instant at) {
  const int64_t ms = at.milliseconds();
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

std::string duration_words(const Phrasebook& say, Duration duration) {
  const int64_t hundredths = (duration.nanoseconds / 1'000'000 + 5) / 10;
  return say(Phrase::n_seconds, {{"n", fmt::format("{}.{:02}", hundredths / 100, hundredths % 100)}});
}

}  // namespace brokerlab::gui
