/** Charts: pure geometry, and React components that draw it. */
export { StackedArea, type ISeries } from './StackedArea';
export { StackedBar, type IShownPart } from './StackedBar';
export { Timeline, type IShownSpan } from './Timeline';
export { Legend, type ILegendItem } from './Legend';
export { DataTable, type IColumn } from './DataTable';
export { Swatch } from './Patterns';
