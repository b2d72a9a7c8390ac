DROP TABLE `polls_choice`;
DROP TABLE `polls_question`;
DROP TABLE `polls_vote`;
