// Makes files durable on a thread of its own, one after the other, so that no node stands still meanwhile.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace brokerlab {

class FlushThread {
 public:
  FlushThread();
  ~FlushThread();  ///< after what was asked for is done
  void run(std::function<void()> flush);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<std::function<void()>> waiting_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace brokerlab
