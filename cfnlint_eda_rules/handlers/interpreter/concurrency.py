"""What runs beside what: promises of code that was started, and waiting for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.handlers.interpreter.functions import parameter_names
from cfnlint_eda_rules.handlers.interpreter.objects import (
    Choice,
    Coroutine,
    ErrorValue,
    ListObject,
    Wrapped,
    choose,
    is_nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Object,
    Promise,
)
from cfnlint_eda_rules.handlers.interpreter.state import State

MAX_NESTED_PROMISES = 3  # lists in lists that are waited for


class Concurrent(State):
    """Starts code and waits for it (`protocol.Concurrency`).

    What is started runs at once, on the path at hand, which then is as it was: what was finished on
    the way counts as finished from where somebody waits for it.
    """

    def forked(self, action: Callable[[], Object]) -> Promise:
        """Runs `action` beside the path at hand; the promise is done when it is."""
        entry = self.path
        if entry is None:
            return Promise(Object())
        task = self.new_task()
        since = len(self.touched)
        with self.within(self.context._replace(task=task)):
            result = action()
        end = self.path
        self.path = entry
        if end is None:
            # Whoever waits for it goes on with an error, after all that it may have done.
            return Promise(Object(), frozenset(self.touched[since:]), (task,), rejects=True)
        promise = Promise(
            result, end.before - entry.before, (task,), error=end.error and not entry.error
        )
        promise.absorb(result)
        promise.result = self.settled(result)
        return promise

    def forked_entirely(self, action: Callable[[], Object]) -> Promise:
        since, tasks = len(self.touched), len(self.tasks)
        promise = self.forked(action)
        promise.rejects = False
        promise.pending |= self.normal_calls(since)
        promise.tasks.extend(task for task in self.tasks[tasks:] if task not in promise.tasks)
        return promise

    def deferred(self, action: Callable[[], Object]) -> Callable[[], Object]:
        site, context = self.site, self.context

        def later() -> Object:
            before = self.site
            self.site = site
            loops = max(context.loops, self.loops)
            here = self.context._replace(file=context.file, stack=context.stack, loops=loops)
            try:
                with self.within(here):
                    return action()
            finally:
                self.site = before

        return later

    def unwrapped(self, promise: Promise) -> Object:
        return self.language.unwrapped(promise, self)

    def promises(self, subject: Object) -> list[Promise]:
        found: dict[int, Promise] = {}
        seen: set[int] = set()
        pending = [(subject, 0)]
        while pending:
            one, depth = pending.pop()
            if depth > MAX_NESTED_PROMISES or id(one) in seen:
                continue
            seen.add(id(one))
            match one:
                case Coroutine(action=action) | Wrapped(action=action) if action is not None:
                    if one.done is None:
                        one.done = self.forked(action)
                    found.setdefault(id(one.done), one.done)
                case Promise():
                    found.setdefault(id(one), one)
                    pending.append((one.result, depth + 1))
                case ListObject():
                    below = one.needing()
                    walked(len(below))
                    pending.extend((element, depth + 1) for element in reversed(below))
                case Choice():
                    pending.extend((option, depth + 1) for option in reversed(one.options))
        return list(found.values())

    def fork(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self.forked(lambda: self.awaited_call(function, positional))

    def settled(self, subject: Object) -> Object:
        """The value that a promise is resolved with."""
        match subject:
            case Promise():
                seen: set[int] = set()
                while isinstance(subject, Promise) and id(subject) not in seen:
                    seen.add(id(subject))
                    subject = subject.result
                walked(len(seen))
                return Object() if isinstance(subject, Promise) else self.settled(subject)
            case Choice() if any(isinstance(option, Promise) for option in subject.options):
                return choose([self.settled(option) for option in subject.options], subject.needs)
            case _:
                return subject

    def join(self, *promises: Object) -> Object:
        if len(promises) == 1 and isinstance(promises[0], Coroutine) and promises[0].done is None:
            coroutine = promises[0]
            result = coroutine.action()
            coroutine.done = Promise(result)
            return result
        waited = [found for promise in promises for found in self.promises(promise)]
        for promise in waited:
            self.wait_for(promise)
        results = [self._joined_value(promise) for promise in promises]
        return results[0] if len(results) == 1 else ListObject(results, depth=self.loops)

    def wait_for(self, promise: Promise) -> None:
        """Goes on once the promise is done."""
        for task in promise.tasks:
            task.joined = True
        if self.path is None:
            return
        self.path = self.path.after(promise.pending)
        if promise.rejects:
            self.path = None
        elif promise.error:
            self.path = replace(self.path, error=True)

    def _joined_value(self, subject: Object) -> Object:
        match subject:
            case Coroutine():
                return self.settled(subject.done.result) if subject.done is not None else Object()
            case Wrapped(done=done) if done is not None:
                return self.settled(done.result)
            case ListObject() if any(
                isinstance(element, Promise | Coroutine | Wrapped) for element in subject.elements
            ):
                return ListObject(
                    [self._joined_value(element) for element in subject.elements],
                    subject.partial,
                    depth=self.loops,
                )
            case _:
                return self.settled(subject)

    def gather(self, promises: Object) -> Object:
        if isinstance(promises, Promise):
            inner = self.gather(promises.result)
            inner_promise = inner if isinstance(inner, Promise) else Promise(inner)
            inner_promise.absorb(promises)
            return inner_promise
        found = self.promises(promises)
        gathered = Promise(self._joined_value(promises))
        gathered.pending = NOTHING.union(*(promise.pending for promise in found))
        gathered.tasks = list(dict.fromkeys(task for promise in found for task in promise.tasks))
        walked(len(gathered.tasks))
        return gathered

    def then(
        self, promise: Object, on_value: Object | None, on_error: Object | None = None
    ) -> Object:
        names = parameter_names(on_value) if on_value is not None else []
        if (
            on_error is None
            and on_value is not None
            and len(names) > 1
            and names[0] in self.language.error_parameters
        ):
            return self.callback(promise, on_value)
        return self._after(promise, on_value, on_error, ())

    def callback(self, promise: Object, function: Object) -> Object:
        return self._after(promise, function, None, (ErrorValue("error"),))

    def _after(
        self,
        promise: Object,
        on_value: Object | None,
        on_error: Object | None,
        leading: tuple[Object, ...],
    ) -> Object:
        entry = self.path
        if entry is None:
            return Promise(Object())
        first = Promise(self.settled(promise))
        for waited in self.promises(promise):
            first.absorb(waited)
        first.absorb(promise)
        self.path = entry.after(first.pending)
        if on_value is not None and not is_nothing(on_value):
            outcome = self.forked(lambda: self.awaited_call(on_value, (*leading, first.result)))
        else:
            outcome = Promise(first.result)
        if on_error is not None and not is_nothing(on_error):
            self.path = replace(entry.after(first.pending), error=True)
            handled = self.forked(lambda: self.awaited_call(on_error, (Object("error"),)))
            outcome.tasks.extend(handled.tasks)
            outcome.rejects = False
            if not handled.rejects:
                outcome.result = choose([outcome.result, handled.result])
        outcome.absorb(first)
        self.path = entry
        return outcome
