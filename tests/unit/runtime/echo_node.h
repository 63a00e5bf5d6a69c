// Two small nodes with a line protocol: proof that nothing in the drivers is Kafka's alone.
//
// `EchoNode` writes each line to its disk and answers "echo LINE" once it is durable; when the disk fails, it says why
// and ends with 1. Its command `time` prints its wall clock. `CallerNode` sends its
// lines one after the other, one each `pause` at most and the next only after the answer, and prints what
// happens.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/assert.h"
#include "sim/runtime/cluster.h"
#include "sim/storage/disk.h"

namespace brokerlab::test {

inline Slices line(const std::string& text) { return {Bytes::copy_of(text + "\n")}; }

class EchoNode : public Node {
 public:
  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) {
      file_ = effects.disk().open("lines", true).value();
      const uint64_t left = effects.disk().size(file_).value();  // by earlier incarnations
      effects.print(1, "started with " + std::to_string(left) + " bytes\n");
    } else if (const auto* frames = std::get_if<input::Frames>(&input)) {
      for (const Bytes& frame : frames->frames) {
        const Slices text = line(std::string(frame.text()));
        if (const Status appended = effects.disk().append(file_, text); !appended)
          return fail(appended, effects);
        waiting_[++token_] = {frames->connection, std::string(frame.text())};
        effects.flush(file_, {token_});
      }
    } else if (const auto* done = std::get_if<input::DiskDone>(&input)) {
      if (!done->status) return fail(done->status, effects);
      const auto& [connection, text] = waiting_.at(done->token.value);
      effects.send(connection, line("echo " + text), {});
      waiting_.erase(done->token.value);
    } else if (const auto* closed = std::get_if<input::ConnectionClosed>(&input)) {
      effects.print(1, "caller gone: " + closed->reason + "\n");
    } else if (const auto* command = std::get_if<input::Command>(&input)) {
      if (command->verb == "time") return effects.print(1, "time " + std::to_string(now.wall_ms) + "\n");
      effects.end(command->verb == "close" || command->verb == "stop" ? 0 : 1);
    }
  }
  std::unique_ptr<Node> clone() const override { return std::make_unique<EchoNode>(*this); }
  NodeView describe(const Now&) const override {
    ClientView view;
    view.records = static_cast<int64_t>(token_);
    return view;
  }

 private:
  static void fail(const Status& status, Effects& effects) {
    effects.print(2, status.message + "\n");
    effects.end(1);
  }

  FileId file_;
  uint64_t token_ = 0;
  std::map<uint64_t, std::pair<ConnectionId, std::string>> waiting_;
};

struct CallerOptions {
  Address to;
  std::vector<std::string> lines;
  Duration pause;
  bool ends = true;  ///< after the last answer
};

class CallerNode : public Node {
 public:
  CallerNode(const Boot& boot, CallerOptions options)
      : options_(std::move(options)), connection_(OutgoingConnectionIds(boot.incarnation).next()) {}
  void step(const Now& now, const Input& input, Effects& effects) override {
    if (std::holds_alternative<input::Start>(input)) {
      effects.open(connection_, options_.to, Protocol::line);
    } else if (std::holds_alternative<input::ConnectionOpened>(input)) {
      effects.print(1, "opened\n");
      send_next(effects);
    } else if (const auto* frames = std::get_if<input::Frames>(&input)) {
      for (const Bytes& frame : frames->frames) effects.print(1, std::string(frame.text()) + "\n");
      answered_ += frames->frames.size();
      if (answered_ == options_.lines.size()) {
        effects.close(connection_);
        if (options_.ends) effects.end(0);
      } else {
        effects.set_timer({1, 0}, now.monotonic + options_.pause);
      }
    } else if (std::holds_alternative<input::TimerFired>(input)) {
      send_next(effects);
    } else if (const auto* closed = std::get_if<input::ConnectionClosed>(&input)) {
      effects.print(2, closed->reason + "\n");
      effects.end(1);
    } else if (std::holds_alternative<input::Command>(input)) {
      effects.end(130);
    }
  }
  std::unique_ptr<Node> clone() const override { return std::make_unique<CallerNode>(*this); }
  NodeView describe(const Now&) const override {
    ClientView view;
    view.records = static_cast<int64_t>(answered_);
    return view;
  }

 private:
  void send_next(Effects& effects) { effects.send(connection_, line(options_.lines[sent_++]), {}); }
  CallerOptions options_;
  ConnectionId connection_;
  size_t sent_ = 0;
  size_t answered_ = 0;
};

inline NodeSpec echo_spec(const std::string& name) {
  const ListenerSpec listener{"LINE", Protocol::line, 0, 100};
  return {name, {listener}, [](const Boot&, const ClusterSpec&) { return std::make_unique<EchoNode>(); }};
}

inline NodeSpec caller_spec(const std::string& name, CallerOptions options) {
  return {name, {}, [options](const Boot& boot, const ClusterSpec&) {
            return std::make_unique<CallerNode>(boot, options);
          }};
}

inline constexpr NodeId echo1{1};

/// echo1 alone; callers are added by the stories.
inline ClusterSpec echo_cluster(Driver driver) {
  ClusterSpec spec;
  spec.driver = driver;
  spec.nodes = {echo_spec("echo1")};
  return spec;
}

inline Address echo_address(const Lab& lab) { return {"echo1", lab.spec().port_of("echo1", "LINE")}; }

inline std::vector<std::string> numbered_lines(int count) {
  std::vector<std::string> lines;
  for (int i = 1; i <= count; ++i) lines.push_back("line " + std::to_string(i));
  return lines;
}

inline std::string text_of(const std::vector<OutputChunk>& chunks) {
  std::string text;
  for (const OutputChunk& chunk : chunks) text += (chunk.stream == 2 ? "2> " : "") + chunk.text;
  return text;
}

inline bool has_ended(Lab& lab, NodeId node) {
  for (const NodeStatus& status : lab.view().nodes) {
    if (status.id == node) return status.state == NodeState::stopped || status.state == NodeState::killed;
  }
  return true;
}

inline NodeStatus status_of(Lab& lab, NodeId node) {
  for (const NodeStatus& status : lab.view().nodes) {
    if (status.id == node) return status;
  }
  return {};
}

inline int64_t records_of(Lab& lab, NodeId node) {
  const NodeStatus status = status_of(lab, node);
  if (status.snapshot == nullptr) return -1;
  const auto* view = std::get_if<ClientView>(&status.snapshot->view);
  return view == nullptr ? -1 : view->records;
}

inline WaitResult wait_for_end(Lab& lab, NodeId node, Duration limit = seconds(60)) {
  return lab.run_until([&] { return has_ended(lab, node); }, limit);
}

inline WaitResult wait_for_records(Lab& lab, NodeId node, int64_t records) {
  return lab.run_until([&] { return records_of(lab, node) >= records; }, seconds(60));
}

inline uint64_t count_events(Lab& lab, std::string_view kind, NodeId node) {
  uint64_t count = 0;
  uint64_t position = 0;
  for (const Event& event : lab.ring().since(position)) {
    if (event.ref.node == node && kind_of(event.payload) == kind) ++count;
  }
  return count;
}

}  // namespace brokerlab::test
