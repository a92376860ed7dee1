import type { ITask } from '../api/types';

/** How far a to-do list is; what was given up does not count. */
export function progressOf(tasks: readonly ITask[]): {
  done: number;
  all: number;
  /** What is being done, else what comes next. */
  now: ITask | null;
} {
  const counted = tasks.filter(task => task.status !== 'cancelled');
  return {
    done: counted.filter(task => task.status === 'completed').length,
    all: counted.length,
    now:
      counted.find(task => task.status === 'in_progress') ??
      counted.find(task => task.status === 'pending') ??
      null
  };
}
