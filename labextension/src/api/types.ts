/** What goes over the wire, as the server describes it in its OpenAPI document. */
import type { components } from './schema';

type Schemas = components['schemas'];

/** An answer has all of its fields: what a request may leave out has a value there. */
type Answer<T> = { [Name in keyof T]-?: Exclude<T[Name], undefined> };

export interface IPage<T> {
  items: T[];
  total: number;
  limit: number;
  offset: number;
}

export type IUsage = Answer<Schemas['Usage']>;
export type ITextPart = Schemas['TextPart'];
export type IImagePart = Schemas['ImagePart'];
export type IContextPart = Schemas['ContextPart'];
export type IThinkingPart = Schemas['ThinkingPart'];
export type IToolCallPart = Schemas['ToolCallPart'];
export type IToolImage = Schemas['ToolImage'];
export type IToolResultPart = Schemas['ToolResultPart'];
export type InputPart = ITextPart | IImagePart | IContextPart;
export type Part = InputPart | IThinkingPart | IToolCallPart | IToolResultPart;

export type ISession = Answer<Omit<Schemas['Session'], 'usage'>> & {
  usage: IUsage;
};
export type ISessionCreate = Schemas['SessionCreate'];
export type ISessionPatch = Schemas['SessionPatch'];
export type ICleared = Schemas['Cleared'];
export type ISummarize = Partial<Schemas['Summarize']>;
export type ISummary = Schemas['Summary'];
export type IMessageVersion = Schemas['MessageVersion'];
export type IMessage = Answer<Omit<Schemas['Message'], 'parts' | 'usage'>> & {
  parts: Part[];
  usage: IUsage | null;
};
export type IResend = Schemas['Resend'];
export type IBlobUpload = Schemas['BlobUpload'];
export type IBlobInfo = Answer<Schemas['BlobInfo']>;

export type ISearchHit = Answer<Schemas['SearchHit']>;
export type IBranch = Schemas['Branch'];

export type StopReason = NonNullable<Schemas['Turn']['stop_reason']>;
export type ITurnError = Schemas['TurnError'];
export type ITurn = Answer<Omit<Schemas['Turn'], 'usage' | 'error'>> & {
  usage: IUsage;
  error: ITurnError | null;
};
export type ITurnStart = Schemas['TurnStart'];
export type IRetry = Schemas['Retry'];
export type ITask = Answer<Schemas['Task']>;

export type IModel = Answer<Schemas['Model']>;
export type IProvider = Answer<Schemas['Provider']>;
export type ProviderKind = Schemas['Provider']['kind'];
export type IProviderWrite = Schemas['ProviderWrite'];
export type IVerifyUnsaved = Schemas['VerifyUnsaved'];
export type IVerifyResult = Answer<Schemas['VerifyResult']>;

/** How much an agent may do without asking. */
export type Mode = Schemas['Policy']['mode'];
export type IPolicy = Schemas['Policy'];
/** One change to a cell or file, as it is shown to people. */
export type IChange = Answer<Omit<Schemas['Change'], 'previous_cell'>> &
  Pick<Schemas['Change'], 'previous_cell'>;
/** A call that waits for a person, or that has waited. */
export type IApproval = Answer<Omit<Schemas['Approval'], 'changes'>> & {
  changes: IChange[];
};
export type IApprovalAnswer = Schemas['ApprovalAnswer'];
export type IApprove = Schemas['Approve'];
export type IDeny = Schemas['Deny'];
/** How long a yes counts. */
export type Remember = NonNullable<IApprove['remember']>;
/** A change that a turn made, kept so that it can be undone. */
export type IEdit = Answer<Omit<Schemas['Edit'], 'change'>> & {
  change: IChange;
};
/** All that one turn changed. */
export type ICheckpoint = Answer<Omit<Schemas['Checkpoint'], 'edits'>> & {
  edits: IEdit[];
};
/** Why an edit was not undone. */
export interface IUndoConflict {
  edit_id: string;
  path: string;
  cell_id: string | null;
  message: string;
}
export type ITaskList = Omit<Schemas['TaskList'], 'items'> & { items: ITask[] };

export type ICompletionRequest = Schemas['CompletionRequest'];
export type ICompletion = Schemas['Completion'];
export type ICodeEdit = Schemas['CodeEdit'];
export type IEditedCode = Schemas['EditedCode'];

export type ContextPart = Schemas['ContextItem']['part'];
export type ILeftOut = Schemas['LeftOut'];
export type IRetrieved = Answer<Schemas['Retrieved']>;
export type ICompaction = Answer<Schemas['Compaction']>;
export type IContextItem = Answer<Schemas['ContextItem']>;
/** What a model was sent in one request of a turn. */
export type IContextSnapshot = Answer<
  Omit<
    Schemas['ContextSnapshot'],
    'items' | 'usage' | 'retrieved' | 'compaction' | 'cache'
  >
> & {
  items: IContextItem[];
  usage: IUsage;
  retrieved: IRetrieved[];
  compaction: ICompaction | null;
  cache: Answer<Schemas['CacheUse']>;
};
export type ITurnContext = Omit<Schemas['TurnContext'], 'items'> & {
  items: IContextSnapshot[];
};
export type ICandidate = Answer<Schemas['Candidate']>;
export type IScores = Answer<NonNullable<Schemas['Candidate']['scores']>>;
export type IModelSelection = Answer<
  Omit<Schemas['ModelSelection'], 'candidates'>
> & { candidates: ICandidate[] };
export type ITurnModelSelection = Omit<
  Schemas['TurnModelSelection'],
  'items'
> & { items: IModelSelection[] };
export type ISpan = Answer<Schemas['Span']>;
export type ITrace = Answer<Omit<Schemas['Trace'], 'spans' | 'usage'>> & {
  spans: ISpan[];
  usage: IUsage;
};
export type IEvidence = Answer<Schemas['Evidence']>;
export type ITipAction = Answer<Schemas['Action']>;
export type ITip = Answer<Omit<Schemas['Tip'], 'action' | 'evidence'>> & {
  action: ITipAction | null;
  evidence: IEvidence[];
};
export type IAnalysis = Answer<Omit<Schemas['Analysis'], 'usage' | 'tips'>> & {
  usage: IUsage;
  tips: ITip[];
};
export type ITurnTips = Answer<
  Omit<Schemas['TurnTips'], 'tips' | 'analysis'>
> & { tips: ITip[]; analysis: IAnalysis | null };
export type ISessionInsights = Answer<
  Omit<Schemas['SessionInsights'], 'insights' | 'usage' | 'analysis'>
> & { insights: ITip[]; usage: IUsage; analysis: IAnalysis | null };
export type IFeedback = Answer<Schemas['Feedback']>;
/** One call of a turn, as it was recorded. */
export type IToolCallRecord = Answer<Schemas['ToolCallRecord']>;
export type ITurnTools = Omit<Schemas['TurnTools'], 'tool_calls'> & {
  tool_calls: IToolCallRecord[];
};
export type IPolicyDecision = Answer<Schemas['PolicyDecision']>;
export type ITurnPolicy = Omit<Schemas['TurnPolicy'], 'decisions'> & {
  decisions: IPolicyDecision[];
};
export type IRecommendations = Answer<
  Omit<Schemas['Recommendations'], 'recommendations' | 'analysis'>
> & { recommendations: IRecommendation[]; analysis: IAnalysis | null };
export type IRecommendation = Answer<Schemas['Recommendation']>;
export type ICostReport = Answer<
  Omit<Schemas['CostReport'], 'items' | 'totals'>
> & { items: ICostRow[]; totals: ITotals };
export type ICostRow = Answer<Schemas['CostRow']>;
export type ITransaction = Answer<Schemas['Transaction']>;
export type IBudgets = Omit<Schemas['Budgets'], 'items'> & {
  items: IBudgetState[];
};
export type IBudgetState = Answer<Schemas['BudgetState']>;
export type IUsageSummary = Answer<
  Omit<Schemas['UsageSummary'], 'today' | 'month' | 'budgets'>
> & { today: ITotals; month: ITotals; budgets: IBudgetState[] };
export type IEfficiencyReport = Answer<
  Omit<Schemas['EfficiencyReport'], 'models'>
> & { models: Record<string, IModelEfficiency> };
export type ICacheStatistics = Answer<
  Omit<Schemas['CacheStatistics'], 'models'>
> & { models: IModelCache[] };
export type ICapacityReport = Omit<Schemas['CapacityReport'], 'providers'> & {
  providers: Record<string, IProviderCapacity>;
};
export type IProviderCapacity = Answer<Schemas['ProviderCapacity']>;
export type ITotals = Answer<Schemas['Totals']>;
export type ITimeSeries = Answer<Schemas['TimeSeries']>;
export type IModelCache = Answer<Schemas['ModelCache']>;
export type IModelEfficiency = Answer<Schemas['ModelEfficiency']>;
export type IBudgetLimit = Schemas['BudgetLimit'];
export type BudgetScope = IBudgetLimit['scope'];

/** A setting of the server. */
export type IConfigSetting = Answer<Schemas['ConfigSetting']>;
export type IConfig = Omit<Schemas['Config'], 'settings'> & {
  settings: IConfigSetting[];
};

export type IReadinessItem = Schemas['ReadinessItem'];
export type IStatus = Answer<Schemas['Status']>;
export type IInfo = Answer<Schemas['Info']>;

/** Names of a turn's events: docs/events.md. A type that is not here may come and is left out. */
export type EventType =
  | 'turn_started'
  | 'context'
  | 'model_selected'
  | 'compaction'
  | 'budget'
  | 'thinking'
  | 'content'
  | 'tool_call'
  | 'tool_progress'
  | 'approval_requested'
  | 'approval_decided'
  | 'client_tool_call'
  | 'tool_result'
  | 'usage'
  | 'tasks'
  | 'guidance'
  | 'error'
  | 'turn_finished';

/** One line of a turn's log. */
export interface ITurnEvent {
  index: number;
  type: EventType;
  data: Record<string, unknown>;
}
