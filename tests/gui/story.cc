#include "tests/gui/story.h"

#include "gui/event_feed.h"

namespace brokerlab::gui::story {
namespace {

Instant at_ms(int64_t ms) { return {ms * 1'000'000}; }

struct Log {
  int32_t partition;
  int32_t leader;
  std::vector<int32_t> replicas;
  int64_t high_watermark[3];  // as kafka1, kafka2, kafka3 know it
  int64_t end[3];
};

NodeModel broker(int32_t id, const std::vector<Log>& logs, const std::vector<int32_t>& isr_without) {
  NodeModel node;
  node.id = NodeId{static_cast<uint32_t>(id)};
  node.name = "kafka" + std::to_string(id);
  node.port = static_cast<uint16_t>(9091 + id);
  KafkaView view;
  view.node_id = id;
  view.state = "running";
  view.metadata_offset = 318;
  view.quorum.role = id == 2 ? "leader" : "follower";
  view.quorum.epoch = 7;
  view.quorum.leader_id = 2;
  for (const Log& log : logs) {
    PartitionView partition;
    partition.topic = "orders";
    partition.partition = log.partition;
    partition.leader = log.leader;
    partition.leader_epoch = 4;
    partition.replicas = log.replicas;
    for (const int32_t replica : log.replicas) {
      if (std::find(isr_without.begin(), isr_without.end(), replica) == isr_without.end())
        partition.isr.push_back(replica);
    }
    view.partitions.push_back(partition);
    ReplicaView replica;
    replica.topic = "orders";
    replica.partition = log.partition;
    replica.role = log.leader == id ? "leader" : "follower";
    replica.high_watermark = log.high_watermark[id - 1];
    replica.log_end_offset = log.end[id - 1];
    view.replicas.push_back(replica);
  }
  node.view = view;
  return node;
}

NodeModel client(NodeId id, const std::string& name, const std::string& role, int32_t partition) {
  NodeModel node;
  node.id = id;
  node.name = name;
  ClientView view;
  view.role = role;
  view.client_id = name;
  view.topic = "orders";
  view.acks = -1;
  if (partition >= 0) view.positions = {{"orders", partition, 400, 1}};
  node.view = view;
  return node;
}

std::vector<NodeModel> five_clients() {
  return {client(shop_a, "shop-a", "producer", -1), client(shop_b, "shop-b", "producer", -1),
          client(pay_1, "pay-1", "consumer", 0), client(pay_2, "pay-2", "consumer", 1),
          client(pay_3, "pay-3", "consumer", 2)};
}

MessageInfo request(MessageKind kind, int16_t key, int16_t version, int32_t partition = -1,
                    int64_t offset = -1, int32_t records = -1) {
  MessageInfo m;
  m.kind = kind;
  m.api_key = key;
  m.api_version = version;
  m.offset = offset;
  m.records = records;
  if (partition >= 0) {
    m.topic = "orders";
    m.partition = partition;
  }
  return m;
}

MessageInfo response(MessageInfo m, int64_t offset, int32_t records) {
  m.is_response = true;
  m.offset = offset;
  m.records = records;
  return m;
}

/// Writes events as the drivers would, and moves what is under way.
class Recorder {
 public:
  EventRef say(NodeId node, int64_t ms, EventPayload payload, EventRef cause = {}) {
    const EventRef ref{node, ++sequence_[node]};
    feed_.add(std::vector<Event>{{ref, cause, at_ms(ms), std::move(payload)}}, rows_);
    return ref;
  }
  /// A message that has arrived.
  void sent(NodeId from, NodeId to, int64_t ms, const MessageInfo& message) {
    const EventRef ref = say(from, ms, event::MessageSent{{{1}, to, 0, 100}, message});
    say(to, ms, event::MessageDelivered{{{1}, from, 0, 100}}, ref);
  }
  /// A message that is on its way.
  void moving(WindowModel& model, NodeId from, NodeId to, int64_t ms, const MessageInfo& message,
              float progress) {
    const EventRef ref = say(from, ms, event::MessageSent{{{1}, to, 0, 100}, message});
    model.messages.push_back({ref, from, to, message, at_ms(ms), at_ms(ms + 20), false, false, progress});
  }
  const EventFeed& feed() const { return feed_; }
  const std::deque<EventModel>& rows() const { return rows_; }

 private:
  std::map<NodeId, uint64_t> sequence_;
  EventFeed feed_;
  std::deque<EventModel> rows_;
};

constexpr MessageKind produce = MessageKind::produce;
constexpr MessageKind fetch = MessageKind::fetch;
constexpr MessageKind replicate = MessageKind::replicate;
constexpr MessageKind quorum = MessageKind::quorum;
constexpr MessageKind control = MessageKind::control;

void record_traffic(Recorder& r) {
  r.sent(shop_a, kafka1, 11'902, request(control, 3, 12));
  MessageInfo metadata = response(request(control, 3, 12), -1, -1);
  metadata.partitions = 3;
  r.sent(kafka1, shop_a, 11'904, metadata);
  r.sent(shop_a, kafka1, 11'961, request(produce, 0, 11, 0, -1, 2));
  r.sent(kafka2, kafka1, 11'966, request(replicate, 1, 17, 0, 415));
  r.sent(kafka3, kafka1, 11'966, request(replicate, 1, 17, 0, 415));
  r.sent(kafka1, kafka2, 11'967, response(request(replicate, 1, 17, 0), 415, 0));
  r.sent(kafka1, shop_a, 11'969, response(request(produce, 0, 11, 0), 416, -1));
  r.sent(kafka1, kafka2, 12'010, request(quorum, 1, 17));
  r.sent(kafka3, kafka2, 12'012, request(quorum, 1, 17));
  r.sent(pay_1, kafka1, 12'044, request(fetch, 1, 12, 0, 416));
  r.sent(kafka1, pay_1, 12'045, response(request(fetch, 1, 12, 0), 416, 2));
  r.sent(kafka1, kafka2, 12'150, request(control, 63, 1));
  r.sent(kafka2, kafka1, 12'151, response(request(control, 63, 1), -1, -1));
  r.sent(shop_b, kafka3, 12'203, request(produce, 0, 11, 2, -1, 3));
  r.sent(kafka3, shop_b, 12'210, response(request(produce, 0, 11, 2), 374, -1));
  r.sent(pay_3, kafka3, 12'260, request(fetch, 1, 12, 2, 374));
  r.sent(kafka3, pay_3, 12'261, response(request(fetch, 1, 12, 2), 374, 3));
  r.sent(kafka1, kafka2, 12'331, request(quorum, 1, 17));
  r.sent(shop_b, kafka2, 12'390, request(produce, 0, 11, 1, -1, 3));
  r.sent(kafka3, kafka2, 12'394, request(replicate, 1, 17, 1, 402));
  r.sent(kafka2, kafka3, 12'395, response(request(replicate, 1, 17, 1), 402, 3));
  r.sent(kafka3, kafka2, 12'431, request(control, 63, 1));
  r.sent(shop_a, kafka1, 12'447, request(produce, 0, 11, 0, -1, 1));
  r.sent(kafka1, shop_a, 12'452, response(request(produce, 0, 11, 0), 417, -1));
  r.sent(pay_1, kafka1, 12'460, request(fetch, 1, 12, 0, 418));
}

LessonModel lesson_of(Language language) {
  const bool is_korean = language == Language::korean;
  LessonModel lesson;
  lesson.number = 1;
  lesson.steps = 6;
  lesson.title = is_korean ? "리더가 멈추면" : "A leader stops";
  return lesson;
}

Paragraph paragraph(std::vector<Span> spans) { return {Paragraph::Kind::paragraph, std::move(spans)}; }

LessonModel predicting(Language language) {
  const bool is_korean = language == Language::korean;
  LessonModel lesson = lesson_of(language);
  lesson.step = 2;
  constexpr auto text = Span::Style::plain;
  constexpr auto code = Span::Style::code;
  if (is_korean) {
    lesson.done_steps = {"파티션마다 리더 찾기", "주문 하나가 로그 세 개에 닿기까지"};
    lesson.text = {
        paragraph(
            {{text, "파티션마다 리더가 하나 있습니다. 프로듀서는 리더에 쓰고 팔로워는 베낍니다. 여기서는 "},
             {code, "kafka2"},
             {text, "가 "},
             {code, "orders-1"},
             {text, "을 이끕니다."}}),
        paragraph({{text, "손대기 전에 먼저 예상을 말해 보세요."}})};
    lesson.prediction =
        PredictionModel{"kafka2를 멈춥니다. 그다음 orders-1의 리더는 누구일까요?",
                        {"kafka1", "kafka3", "kafka2가 돌아올 때까지 없음", "kafka1과 kafka3이 나눠 맡음"},
                        0,
                        Confidence::fairly,
                        false};
  } else {
    lesson.done_steps = {"Find who leads each partition", "Watch one order travel to three logs"};
    lesson.text = {
        paragraph(
            {{text, "Every partition has one leader. Producers write to it, followers copy from it. Here "},
             {code, "kafka2"},
             {text, " leads "},
             {code, "orders-1"},
             {text, " and copies the two others."}}),
        paragraph({{text,
                    "Before you touch anything, say what you expect. A wrong guess teaches as much as a "
                    "right one."}})};
    lesson.prediction =
        PredictionModel{"You are about to stop kafka2. Who leads orders-1 afterwards?",
                        {"kafka1", "kafka3", "nobody, until kafka2 is back", "kafka1 and kafka3 share it"},
                        0,
                        Confidence::fairly,
                        false};
  }
  lesson.action = ActionModel{{"docker stop kafka2"}, true, false};
  lesson.hint = {paragraph({{text, "Look at the order of the replicas."}})};
  lesson.spotlight = {"canvas.kafka2", "matrix.orders-1"};
  return lesson;
}

CheckState check(CheckState::State state, std::string words, int64_t took_ms) {
  CheckState c;
  c.state = state;
  c.words = std::move(words);
  c.took = milliseconds(took_ms);
  c.within = seconds(5);
  return c;
}

LessonModel comparing(Language language) {
  const bool is_korean = language == Language::korean;
  LessonModel lesson = lesson_of(language);
  lesson.step = 3;
  using State = CheckState::State;
  constexpr auto text = Span::Style::plain;
  constexpr auto code = Span::Style::code;
  lesson.comparison = ComparisonModel{"", "kafka1", Confidence::fairly, "kafka3", milliseconds(40), false};
  if (is_korean) {
    lesson.done_steps = {"파티션마다 리더 찾기", "주문 하나가 로그 세 개에 닿기까지",
                         "예측하고 kafka2 멈추기"};
    lesson.comparison->about = "kafka2 다음 orders-1의 리더";
    lesson.explanation = {paragraph(
        {{text, "컨트롤러는 복제본 목록 "},
         {code, "2, 3, 1"},
         {text,
          "을 앞에서부터 봅니다. 살아 있고 ISR에 있는 첫째가 3이었습니다. 번호가 작은 쪽이 아닙니다."}})};
    lesson.checks = {check(State::passed, "orders-1의 리더가 바뀜", 40),
                     check(State::passed, "ISR에서 2가 빠짐 (파티션 3개)", 40),
                     check(State::passed, "쓰기가 계속 성공함", 310),
                     check(State::running, "새 컨트롤러가 뽑힘", 0)};
  } else {
    lesson.done_steps = {"Find who leads each partition", "Watch one order travel to three logs",
                         "Predict and stop kafka2"};
    lesson.comparison->about = "Who leads orders-1 after kafka2";
    lesson.explanation = {paragraph({{text, "The controller walks the replica list "},
                                     {code, "2, 3, 1"},
                                     {text,
                                      " from the front. The first that is alive and in the ISR was 3. The "
                                      "smaller number does not matter."}})};
    lesson.checks = {check(State::passed, "orders-1 has another leader", 40),
                     check(State::passed, "2 left the ISR (3 partitions)", 40),
                     check(State::passed, "writes go on", 310),
                     check(State::running, "a new controller is elected", 0)};
  }
  lesson.can_go_on = true;
  return lesson;
}

void fill_links(WindowModel& model, bool kafka2_is_gone) {
  const auto link = [&](NodeId from, NodeId to) {
    model.links.push_back({from, to, kafka2_is_gone && to == kafka2});
  };
  link(shop_a, kafka1);
  link(shop_a, kafka2);
  link(shop_b, kafka2);
  link(shop_b, kafka3);
  link(pay_1, kafka1);
  link(pay_2, kafka2);
  link(pay_3, kafka3);
  if (kafka2_is_gone) {
    model.links.push_back({shop_a, kafka3, false});
    model.links.push_back({pay_2, kafka3, false});
  }
}

void finish(WindowModel& model, const Recorder& recorder) {
  model.partitions = partitions_of(model.brokers, model.hidden_partitions);
  for (PartitionModel& p : model.partitions) p.led_since = recorder.feed().led_since({p.topic, p.partition});
  model.quorum = quorum_of(model.brokers);
  model.events = recorder.rows();
}

void print(WindowModel& model, TerminalLine::Kind kind, const std::string& text) {
  model.terminal.lines.push_back({kind, text});
}

}  // namespace

WindowModel before_the_stop(Language language) {
  WindowModel model;
  model.clock = {at_ms(12'480), 0.1, true, ""};
  model.is_sandbox = true;
  model.seed = 42;
  const std::vector<Log> logs{{0, 1, {1, 2, 3}, {418, 418, 417}, {418, 418, 418}},
                              {1, 2, {2, 3, 1}, {402, 402, 402}, {402, 405, 405}},
                              {2, 3, {3, 1, 2}, {377, 374, 377}, {377, 377, 377}}};
  model.brokers = {broker(1, logs, {}), broker(2, logs, {}), broker(3, logs, {})};
  model.clients = five_clients();
  fill_links(model, false);
  Recorder r;
  record_traffic(r);
  r.sent(kafka2, pay_2, 12'462, response(request(fetch, 1, 12, 1), 402, 3));
  model.messages.clear();
  r.moving(model, shop_b, kafka3, 12'466, request(produce, 0, 11, 2, -1, 2), 0.7F);
  r.moving(model, shop_a, kafka2, 12'470, request(produce, 0, 11, 1, -1, 2), 0.45F);
  r.moving(model, kafka2, pay_2, 12'471, response(request(fetch, 1, 12, 1), 402, 3), 0.6F);
  r.moving(model, pay_1, kafka1, 12'472, request(fetch, 1, 12, 0, 418), 0.6F);
  r.moving(model, kafka3, kafka2, 12'473, request(replicate, 1, 17, 1, 405), 0.38F);
  r.moving(model, kafka1, kafka2, 12'479, request(quorum, 1, 17), 0.45F);
  finish(model, r);
  print(model, TerminalLine::Kind::command,
        "kafka-topics --bootstrap-server localhost:9092 --describe --topic orders");
  print(model, TerminalLine::Kind::output,
        "Topic: orders\tTopicId: O0kNyZD9TtqqvmkMALeAFA\tPartitionCount: 3\tReplicationFactor: 3\tConfigs: "
        "min.insync.replicas=2");
  print(model, TerminalLine::Kind::output,
        "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2,3\tElr: \tLastKnownElr: ");
  print(model, TerminalLine::Kind::output,
        "\tTopic: orders\tPartition: 1\tLeader: 2\tReplicas: 2,3,1\tIsr: 2,3,1\tElr: \tLastKnownElr: ");
  print(model, TerminalLine::Kind::output,
        "\tTopic: orders\tPartition: 2\tLeader: 3\tReplicas: 3,1,2\tIsr: 3,1,2\tElr: \tLastKnownElr: ");
  model.lesson = predicting(language);
  return model;
}

WindowModel after_the_stop(Language language) {
  WindowModel model;
  model.clock = {at_ms(13'502), 0.1, true, ""};
  model.is_sandbox = true;
  model.seed = 42;
  const std::vector<Log> logs{{0, 1, {1, 2, 3}, {425, 418, 425}, {425, 418, 425}},
                              {1, 3, {2, 3, 1}, {409, 405, 409}, {409, 407, 411}},
                              {2, 3, {3, 1, 2}, {383, 377, 383}, {383, 377, 383}}};
  model.brokers = {broker(1, logs, {2}), broker(2, logs, {}), broker(3, logs, {2})};
  model.brokers[1].look = NodeLook::dead;
  model.brokers[1].changed_at = at_ms(12'500);
  auto& candidate = std::get<KafkaView>(model.brokers[2].view);
  candidate.quorum = {"candidate", 8, -1, 3, 1, 2, 318, 317, {}};
  candidate.partitions[1].leader_epoch = 5;
  std::get<KafkaView>(model.brokers[0].view).partitions[1].leader_epoch = 5;
  model.clients = five_clients();
  fill_links(model, true);
  Recorder r;
  record_traffic(r);
  r.say(NodeId{0}, 12'500, event::CommandGiven{"docker stop kafka2"});
  event::PartitionChanged before;
  before.partition = {"orders", 1};
  before.leader = 2;
  r.say(kafka2, 4'100, before);
  event::PartitionChanged changed = before;
  changed.decided = true;
  changed.leader = 3;
  changed.leader_epoch = 5;
  changed.isr = {3, 1};
  r.say(kafka2, 12'540, changed);
  MessageInfo end_epoch = request(quorum, 54, 1);
  end_epoch.epoch = 7;
  r.sent(kafka2, kafka1, 13'436, end_epoch);
  r.say(kafka2, 13'441, event::NodeStopped{"exited", 0});
  event::QuorumRoleChanged role;
  role.role = "candidate";
  role.epoch = 8;
  r.say(kafka3, 13'468, role);
  MessageInfo vote = request(quorum, 52, 1);
  vote.epoch = 8;
  r.moving(model, kafka3, kafka1, 13'469, vote, 0.6F);
  r.moving(model, shop_a, kafka3, 13'480, request(produce, 0, 11, 1, -1, 2), 0.4F);
  r.moving(model, kafka1, kafka3, 13'488, request(replicate, 1, 17, 1, 409), 0.3F);
  r.moving(model, kafka1, pay_1, 13'495, response(request(fetch, 1, 12, 0), 424, 2), 0.55F);
  finish(model, r);
  print(model, TerminalLine::Kind::command, "docker stop kafka2");
  print(model, TerminalLine::Kind::output, "kafka2");
  print(model, TerminalLine::Kind::command,
        "kafka-topics --bootstrap-server localhost:9092 --describe --under-replicated-partitions");
  print(model, TerminalLine::Kind::output,
        "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,3\tElr: \tLastKnownElr: ");
  print(model, TerminalLine::Kind::output,
        "\tTopic: orders\tPartition: 1\tLeader: 3\tReplicas: 2,3,1\tIsr: 3,1\tElr: \tLastKnownElr: ");
  model.lesson = comparing(language);
  return model;
}

}  // namespace brokerlab::gui::story
