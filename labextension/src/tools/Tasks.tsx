import {
  checkIcon,
  circleEmptyIcon,
  circleIcon,
  closeIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React from 'react';
import type { ITask } from '../api/types';
import { Fold } from '../ui/Fold';
import { useTools } from './context';
import { progressOf } from './progress';

const ICONS: Record<ITask['status'], LabIcon> = {
  pending: circleEmptyIcon,
  in_progress: circleIcon,
  completed: checkIcon,
  cancelled: closeIcon
};

/** The agent's to-do list: how far it is, in a line that unfolds. */
export function Tasks(props: { tasks: readonly ITask[] }): JSX.Element | null {
  const { trans } = useTools();
  const { tasks } = props;
  if (tasks.length === 0) {
    return null;
  }
  const { done, all, now } = progressOf(tasks);
  const labels: Record<ITask['status'], string> = {
    pending: trans.__('to do'),
    in_progress: trans.__('in progress'),
    completed: trans.__('done'),
    cancelled: trans.__('given up')
  };
  return (
    <section className="jp-agent-Tasks" aria-label={trans.__('To-do list')}>
      <Fold
        className="jp-agent-Tasks-fold"
        summary={
          <>
            <span className="jp-agent-Fold-title">
              {now?.title ??
                (done === all
                  ? trans.__('Everything is done')
                  : trans.__('To do'))}
            </span>
            <progress
              className="jp-agent-Tasks-progress"
              value={done}
              max={Math.max(1, all)}
              aria-label={trans.__('To-do list')}
            />
            <span className="jp-agent-Tool-time">
              {trans.__('%1 of %2', done, all)}
            </span>
          </>
        }
      >
        <ul className="jp-agent-Tasks-list">
          {tasks.map(task => {
            const Icon = ICONS[task.status];
            return (
              <li
                key={task.id}
                className={`jp-agent-Tasks-item jp-mod-${task.status}`}
              >
                <Icon.react
                  tag="span"
                  className="jp-agent-Tool-state"
                  title={labels[task.status]}
                />
                <span>{task.title}</span>
                <span className="jp-agent-hidden">{labels[task.status]}</span>
              </li>
            );
          })}
        </ul>
      </Fold>
    </section>
  );
}
